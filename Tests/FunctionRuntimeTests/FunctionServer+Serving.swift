import FunctionRuntime

extension FunctionServer {
    /// Serves while `body` runs, and drains then.
    func serving(_ body: (FunctionServer) async throws -> Void) async throws {
        try start()
        do {
            try await body(self)
        } catch {
            await drain()
            stop()
            throw error
        }
        await drain()
        stop()
    }
}
