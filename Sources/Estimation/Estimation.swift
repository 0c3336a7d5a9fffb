// Estimation: see the files beside this one.
