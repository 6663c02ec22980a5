public enum FunctionNeighbour {}
