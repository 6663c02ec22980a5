/// A second of UTC in the Gregorian calendar, and the formats it is written in.
package struct CalendarTime: Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int
    private let daysSince1970: Int
    private let secondOfDay: Int

    /// `second` counts from 1970. The arithmetic starts each year in March: a leap day is then the year's last day, and
    /// every five months have 153 days.
    package init(second: Int) {
        secondOfDay = (second % 86_400 + 86_400) % 86_400
        daysSince1970 = (second - secondOfDay) / 86_400
        let days = daysSince1970 + 719_468
        let era = (days < 0 ? days - 146_096 : days) / 146_097
        let ofEra = days - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * ofYear + 2) / 153
        month = march < 10 ? march + 3 : march - 9
        day = ofYear - (153 * march + 2) / 5 + 1
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// `2026-11-23T09:08:07` (RFC 3339)
    package var rfc3339: String {
        "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))T\(clock)"
    }

    /// `2026-11-23T09:08:07.654Z`, from milliseconds since 1970.
    package static func rfc3339(milliseconds: Int) -> String {
        CalendarTime(second: milliseconds / 1000).rfc3339 + ".\(digits(milliseconds % 1000, 3))Z"
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7)
    package var httpDate: String {
        let weekday = Self.weekdays[((daysSince1970 + 4) % 7 + 7) % 7]
        return "\(weekday), \(Self.digits(day, 2)) \(Self.months[month - 1]) \(Self.digits(year, 4)) \(clock) GMT"
    }

    /// `25/Nov/2026:09:41:07 +0000`, the format of web servers' logs.
    package var commonLog: String { "\(Self.digits(day, 2))/\(Self.months[month - 1])/\(year):\(clock) +0000" }

    private var clock: String {
        [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { Self.digits($0, 2) }.joined(separator: ":")
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
