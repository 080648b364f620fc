"""Reading of finished runs: a page of all that a folder holds, profiles and values of fields."""
