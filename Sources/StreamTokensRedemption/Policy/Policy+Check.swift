package import FunctionCore
package import StreamTokens

extension Policy {
    /// Throws if the policy opens no stream of `workflow` for the page that has sent `request`. The workflow is nil if the
    /// request names none.
    package func check(_ workflow: Substring?, _ request: Request) throws(Refused) {
        if let workflows, !workflows.contains(where: { workflow?.hasSameBytes(as: $0) == true }) {
            throw Refused(.workflowNotAllowed, .workflowNotAllowed)
        }
        if let origins, !request.comes(from: origins) {
            throw .otherOrigin
        }
    }
}
