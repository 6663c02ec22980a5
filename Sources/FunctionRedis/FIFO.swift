/// A queue; each step takes constant time on average.
struct FIFO<Element> {
    private var elements: [Element] = []
    /// How many elements at the front are already taken.
    private var taken = 0

    var isEmpty: Bool { taken == elements.count }

    /// The remaining elements, the oldest first.
    var remaining: ArraySlice<Element> { elements[taken...] }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard taken < elements.count else { return nil }
        let element = elements[taken]
        taken += 1
        if taken == elements.count {
            elements.removeAll(keepingCapacity: true)
            taken = 0
        } else if taken >= 1024 && taken * 2 >= elements.count {
            elements.removeFirst(taken)
            taken = 0
        }
        return element
    }

    mutating func drain() -> ArraySlice<Element> {
        defer { self = FIFO() }
        return remaining
    }

    mutating func drain(where matches: (Element) -> Bool) -> [Element] {
        var kept = FIFO()
        var matching: [Element] = []
        for element in remaining {
            if matches(element) { matching.append(element) } else { kept.append(element) }
        }
        if !matching.isEmpty { self = kept }
        return matching
    }
}
