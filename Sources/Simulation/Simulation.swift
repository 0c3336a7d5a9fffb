// Simulation: see the files beside this one.
