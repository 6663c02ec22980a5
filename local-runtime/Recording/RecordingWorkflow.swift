import StreamTokensWorkflows

/// A workflow that notes its outputs in the recorded call that started it.
struct RecordingWorkflow: Workflow {
    let workflow: any Workflow

    func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun {
        guard let recorded = RecordedCall.current else { return try await workflow.start(call, within: limit) }
        recorded.note(started: call)
        do throws(WorkflowFailure) {
            return Run(run: try await workflow.start(call, within: limit), call: recorded)
        } catch {
            recorded.note(error)
            throw error
        }
    }

    private struct Run: WorkflowRun {
        let run: any WorkflowRun
        let call: RecordedCall

        func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput {
            do throws(WorkflowFailure) {
                let output = try await run.next(within: limit)
                call.note(output)
                return output
            } catch {
                call.note(error)
                throw error
            }
        }

        func cancel() async {
            await run.cancel()
        }

        func interrupt() {
            run.interrupt()
        }
    }
}
