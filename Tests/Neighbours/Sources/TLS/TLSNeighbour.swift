public enum TLSNeighbour {}
