import Function

/// The time as web servers log it, and API Gateway tells it.
enum CommonLogTime {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `25/Nov/2026:09:41:07 +0000`, of milliseconds since 1970 in UTC; times before that are 1970's first second.
    static func format(milliseconds: Int) -> String {
        let second = max(0, milliseconds / 1000)
        let (year, month, day) = date(day: second / 86400)
        let clock = [second / 3600 % 24, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":")
        return "\(twoDigits(day))/\(months[month - 1])/\(year):\(clock) +0000"
    }

    /// The date of a day, counted from 1970, in the Gregorian calendar.
    ///
    /// Years begin with March here, so that a leap day is a year's last, and 153 days are five months everywhere.
    private static func date(day: Int) -> (year: Int, month: Int, day: Int) {
        let days = day + 719_468
        let (era, ofEra) = days.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * ofYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, ofYear - (153 * march + 2) / 5 + 1)
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
