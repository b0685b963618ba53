namespace Tabular.Children;

/// <summary>A child answers when its address returns a success.</summary>
internal sealed class HttpChildProbe : IChildProbe, IDisposable
{
    // Children are on this machine: never by a proxy. The deadline is the caller's.
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    public async Task<bool> AnswersAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Refused or reset: that is the answer. Whoever asks counts them and says so.
            return false;
        }
    }

    public void Dispose() => _client.Dispose();
}
