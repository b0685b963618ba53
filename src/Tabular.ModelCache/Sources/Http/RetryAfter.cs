namespace Tabular.ModelCache.Sources.Http;

/// <summary>The wait that a server asks for (RFC 9110, 10.2.3).</summary>
internal static class RetryAfter
{
    /// <returns>The wait; one that is given as a date is measured from the date of the answer, never by a clock of this machine.</returns>
    public static TimeSpan? Of(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } until } when response.Headers.Date is { } now => until > now ? until - now : TimeSpan.Zero,
        _ => null,
    };
}
