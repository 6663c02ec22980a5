import FunctionRedis

/// The store's operations as Redis runs them, one script each. Several begin with the same parts.
enum Scripts {
    static let mint = script(clock, PackageResources.read_lua, PackageResources.counter_lua, PackageResources.mint_lua)
    static let check = script(clock, record, leases, admission, PackageResources.check_lua)
    static let reserve = script(clock, record, leases, admission, PackageResources.reserve_lua)
    static let commit = script(clock, record, leases, PackageResources.commit_lua)
    static let release = script(clock, record, PackageResources.release_lua)
    static let renew = script(clock, record, leases, PackageResources.renew_lua)
    static let revoke = script(clock, record, PackageResources.revoke_lua)
    static let show = script(clock, record, PackageResources.show_lua)
    static let organization = script(clock, leases, PackageResources.organization_lua)
    static let configure = script(PackageResources.configure_lua)
    static let addCredits = script(PackageResources.add_credits_lua)
    static let addKey = script(PackageResources.add_key_lua)
    static let setKey = script(PackageResources.set_key_lua)
    static let useKey = script(clock, PackageResources.counter_lua, PackageResources.use_key_lua)

    /// The script behind what has it rehearse.
    static func rehearsal(of script: RedisScript) -> RedisScript {
        RedisScript(PackageResources.rehearse_lua + script.text)
    }

    private static let clock = PackageResources.clock_lua
    private static let record = PackageResources.read_lua + PackageResources.record_lua
    private static let leases = PackageResources.leases_lua
    private static let admission = PackageResources.admit_lua

    private static func script(_ parts: [UInt8]...) -> RedisScript {
        RedisScript(Array(parts.joined()))
    }
}
