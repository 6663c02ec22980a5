import LocalRuntime

LocalRuntime.main()
