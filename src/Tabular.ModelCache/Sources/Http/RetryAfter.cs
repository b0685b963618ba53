namespace Tabular.ModelCache.Sources.Http;

/// <summary>The wait that a server asks for (RFC 9110, 10.2.3).</summary>
internal static class RetryAfter
{
    /// <returns>The wait in the form of a delay; a date is not compared with a clock of this machine, and yields <see langword="null"/>.</returns>
    public static TimeSpan? Of(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta;
}
