public enum WorkflowsNeighbour {}
