namespace Tabular.Children;

/// <summary>A program could not be started.</summary>
internal sealed class ChildStartException(string message, Exception inner) : Exception(message, inner);
