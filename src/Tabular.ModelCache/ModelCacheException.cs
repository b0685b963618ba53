namespace Tabular.ModelCache;

/// <summary>The model cache cannot do what was asked of it.</summary>
public sealed class ModelCacheException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">One line: what was expected, what was found, what to do.</param>
    /// <param name="innerException">The cause.</param>
    public ModelCacheException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the exit code that the process ends with when this ends it: one of <see cref="ModelCacheExitCodes"/>.</summary>
    public int ExitCode { get; init; } = ModelCacheExitCodes.Failed;

    /// <summary>Gets whether what was read is not signed as the settings require.</summary>
    internal bool IsDistrust { get; init; }
}
