namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>A parser of what others write.</summary>
/// <param name="Seeds">Valid inputs.</param>
/// <param name="MaxBytes">The largest input that it is ever given.</param>
/// <param name="Parse">
/// Parses an input and, when it is accepted, throws an <see cref="InvariantException"/> unless what came of it is safe. Returns whether
/// it was accepted.
/// </param>
/// <param name="Declared">The exception by which it refuses; none when it never throws.</param>
internal sealed record FuzzTarget(IReadOnlyList<byte[]> Seeds, int MaxBytes, Func<byte[], bool> Parse, params Type[] Declared)
{
    /// <summary>Whether its inputs are JSON; otherwise they are texts of fields.</summary>
    public bool IsJson { get; init; } = true;

    /// <summary>Texts that mean something to it.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}
