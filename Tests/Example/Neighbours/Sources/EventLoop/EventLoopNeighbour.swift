public enum EventLoopNeighbour {}
