namespace Tabular.ModelCache.Sources.Http;

/// <summary>Reads bodies so that a silent server cannot keep a reader.</summary>
internal sealed class StallGuard(TimeSpan stall, TimeProvider time)
{
    /// <exception cref="IOException">Nothing came in time, or the connection broke.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async ValueTask<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource(stall, time);
        using var link = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), stop);
        try
        {
            return await body.ReadAsync(buffer, stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // A read that is cancelled ends as one, also where the connection broke over it.
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
        catch (OperationCanceledException e)
        {
            throw new IOException($"nothing came for {stall.TotalSeconds:0.###} s", e);
        }
        catch (HttpRequestException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
