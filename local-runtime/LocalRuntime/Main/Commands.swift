/// Every command there is, in the order of the help.
enum Commands {
    static let all: [any Command.Type] = [
        ServeCommand.self,
        LambdaCommand.self,
        ReplayCommand.self,
        InvokeCommand.self,
        ExplainCommand.self,
        NewCommand.self,
        WatchCommand.self,
        LintCommand.self,
        KeysCreateCommand.self,
        KeysListCommand.self,
        KeysShowCommand.self,
        KeysDisableCommand.self,
        KeysEnableCommand.self,
        OrgsListCommand.self,
        OrgsShowCommand.self,
        OrgsCreditsCommand.self,
        TokensShowCommand.self,
        TokensRevokeCommand.self,
    ]
}
