"""Is everything right? Each thing that an organiser can get wrong is one row: what, how it is looked at, the mend."""
