"""Physics of resistive-switching devices: laws and closed forms, without mesh or MPI."""
