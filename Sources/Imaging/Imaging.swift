// Imaging: see the files beside this one.
