TokenExecutable.run()
