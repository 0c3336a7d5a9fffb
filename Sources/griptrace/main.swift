print("griptrace")
