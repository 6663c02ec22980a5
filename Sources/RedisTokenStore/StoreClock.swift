/// What tells a script the time.
enum StoreClock: Sendable {
    /// Redis' own clock and so many milliseconds.
    case offset(Int)
    /// A clock of the test's, in milliseconds since 1970: two stores that are compared must see the same time.
    case pinned(@Sendable () -> Int)
}
