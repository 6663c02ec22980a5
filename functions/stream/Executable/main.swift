StreamExecutable.run()
