// Mapping: see the files beside this one.
