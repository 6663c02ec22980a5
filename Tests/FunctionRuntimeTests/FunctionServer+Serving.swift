import FunctionRuntime

extension FunctionServer {
    /// Serves while `body` runs, then drains.
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
