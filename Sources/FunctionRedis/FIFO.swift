/// A queue; each step takes constant time on average.
struct FIFO<Element> {
    private var elements: [Element] = []
    /// How many elements at the front are already taken.
    private var taken = 0

    var isEmpty: Bool { taken == elements.count }
    var count: Int { elements.count - taken }
    var first: Element? { isEmpty ? nil : elements[taken] }

    /// The remaining elements, the oldest first.
    var remaining: ArraySlice<Element> { elements[taken...] }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard taken < elements.count else { return nil }
        let element = elements[taken]
        taken += 1
        dropTaken()
        return element
    }

    /// Removes the matching ones of the next `count` elements, and returns them.
    mutating func take(among count: Int, where matches: (Element) -> Bool) -> [Element] {
        let end = min(taken + count, elements.count)
        var matching: [Element] = []
        // The others move towards the end, because moving the whole queue would take longer the longer it is.
        var kept = end
        for index in (taken..<end).reversed() {
            if matches(elements[index]) {
                matching.append(elements[index])
            } else {
                kept -= 1
                elements.swapAt(kept, index)
            }
        }
        taken = kept
        dropTaken()
        return matching.reversed()
    }

    private mutating func dropTaken() {
        if taken == elements.count {
            // Do not keep the room of a burst.
            elements.removeAll(keepingCapacity: elements.capacity <= 1024)
            taken = 0
        } else if taken >= 1024 && taken * 2 >= elements.count {
            elements.removeFirst(taken)
            taken = 0
        }
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
