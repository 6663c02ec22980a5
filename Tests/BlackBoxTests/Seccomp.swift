/// A Python program that makes the kernel refuse system calls (seccomp(2)) and then executes another program.
enum Seccomp {
    /// `filter` is Python that appends to `program` the calls to refuse; all others are allowed. The program to execute is
    /// `argv[argument]`, with the arguments after it.
    static func launcher(_ filter: String, argument: Int) -> String {
        """
        import ctypes, os, platform, struct, sys
        load, equal, give = 0x20, 0x15, 0x06
        program = [(load, 0, 0, 0)]
        \(filter)
        program += [(give, 0, 0, 0x7FFF0000)]
        bytes = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *each) for each in program))
        class Filter(ctypes.Structure): _fields_ = [('length', ctypes.c_ushort), ('program', ctypes.c_void_p)]
        libc = ctypes.CDLL(None)
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(Filter(len(program), ctypes.addressof(bytes))), 0, 0):
            sys.exit(77)
        os.execv(sys.argv[\(argument)], sys.argv[\(argument):])
        """
    }
}
