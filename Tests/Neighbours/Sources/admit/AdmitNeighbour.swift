public enum AdmitNeighbour {}
