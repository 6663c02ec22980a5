/// A fixture's file as bytes.
enum FixtureFile {
    /// The longest, in bytes: an event's, and some more for a scenario.
    static let sizeLimit = 8 << 20

    /// Reads a file as far as one may be long, so that no file takes more memory than that.
    static func read(_ path: String) throws(FixtureError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(Input.Unreadable) {
            bytes = try Input.read(file: path, upTo: sizeLimit, takesPipes: false)
        } catch {
            throw .file(reason: error.description)
        }
        guard bytes.count <= sizeLimit else { throw .file(reason: "longer than \(sizeLimit) bytes") }
        return bytes
    }
}
