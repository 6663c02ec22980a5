extension [SocketAddress] {
    /// The order in which to try them (RFC 8305, section 4): the families in turn, beginning with the first address's,
    /// each in the order in which the resolver sorted it. `last`, the address that worked before, comes before all if it
    /// is still among them. Each address once.
    package func inOrderOfTrying(last: SocketAddress?) -> [SocketAddress] {
        var unique: [SocketAddress] = []
        for address in self where !unique.contains(address) { unique.append(address) }
        var queues = [unique.filter { $0.family == unique[0].family }, unique.filter { $0.family != unique[0].family }]
        var order: [SocketAddress] = []
        while order.count < unique.count {
            for index in queues.indices where !queues[index].isEmpty { order.append(queues[index].removeFirst()) }
        }
        guard let last, let index = order.firstIndex(of: last) else { return order }
        order.insert(order.remove(at: index), at: 0)
        return order
    }
}
