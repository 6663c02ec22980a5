extension Int {
    /// `1 fixture`, `2 fixtures`
    func counted(_ noun: String) -> String {
        "\(self) \(noun)\(self == 1 ? "" : "s")"
    }
}
