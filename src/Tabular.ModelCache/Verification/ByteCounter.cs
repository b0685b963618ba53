namespace Tabular.ModelCache.Verification;

/// <summary>Counts bytes from several threads and knows how long none has come.</summary>
internal sealed class ByteCounter(TimeProvider clock)
{
    private long _bytes;
    private long _last = clock.GetTimestamp();

    public long Bytes => Interlocked.Read(ref _bytes);

    public TimeSpan IdleTime => clock.GetElapsedTime(Interlocked.Read(ref _last));

    public void Add(int count)
    {
        Interlocked.Add(ref _bytes, count);
        Interlocked.Exchange(ref _last, clock.GetTimestamp());
    }
}
