#!/bin/sh
# The first run of somebody who has just installed the package, on one rank and on two.
set -eu
cd "$(mktemp -d)"
mitmodels --version
set -- --set 'mesh.size=5 um' --set 'mesh.edge_size=5 um' --set mesh.cells_across=3
mitmodels check lsmo_iv "$@"
mitmodels run lsmo_iv --out one "$@"
mpirun -n 2 mitmodels run lsmo_iv --out two "$@"
ls one/figures two/figures
