import LocalRuntimeCommands

Commands.main()
