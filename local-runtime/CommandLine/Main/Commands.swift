import LocalRuntimeConsole

/// Every command there is, in the order of the help.
public enum Commands {
    static let all: [CommandDefinition] = [
        .init(ServeCommand.self),
        .init(LambdaCommand.self),
        .init(ReplayCommand.self),
        .init(InvokeCommand.self),
        .init(ExplainCommand.self),
        .init(NewCommand.self),
        .init(WatchCommand.self),
        .init(LintCommand.self),
        KeysCommands.create,
        KeysCommands.list,
        KeysCommands.show,
        KeysCommands.disable,
        KeysCommands.enable,
        OrgsCommands.list,
        OrgsCommands.show,
        OrgsCommands.credits,
        TokensCommands.show,
        TokensCommands.revoke,
    ]
}
