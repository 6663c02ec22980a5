import Foundation
import LocalRuntimeConsole
import LocalRuntimeLambda

/// The functions' executables.
struct Binaries: Sendable {
    let token: Bootstrap
    let stream: Bootstrap

    /// Where `script/build` puts them.
    static let standardFolder = ".build/functions"

    init(in folder: String) throws(CommandFailure) {
        do throws(CommandFailure) {
            token = try Bootstrap(folder + "/token")
            stream = try Bootstrap(folder + "/stream")
        } catch {
            throw .couldNotRun("\(error.message); script/build makes the executables in \(Self.standardFolder)")
        }
    }
}
