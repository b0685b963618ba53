using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>
/// A folder that shows each object of a bucket some while after it was made, each after a while of its own, so that a manifest may be
/// seen before its files: as a mount does whose cache of metadata is old.
/// </summary>
internal sealed class LaggingMount : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    private readonly CloudBucket _bucket;
    private readonly Random _random;
    private readonly TimeSpan _longest;
    private readonly Dictionary<string, (long Generation, long DueAt)> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _shown = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public LaggingMount(CloudBucket bucket, string name, int seed, TimeSpan longest)
    {
        _bucket = bucket;
        _random = new Random(seed);
        _longest = longest;
        Folder = bucket.NewFolder(name);
        _running = RunAsync();
    }

    public string Folder { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            var now = Environment.TickCount64;
            var live = await _bucket.ListAsync();
            foreach (var item in live.Values)
            {
                if (!_seen.TryGetValue(item.Name, out var seen) || seen.Generation != item.Generation)
                {
                    _seen[item.Name] = (item.Generation, now + _random.NextInt64((long)_longest.TotalMilliseconds));
                }
            }

            foreach (var (name, (generation, dueAt)) in _seen.Where(s => s.Value.DueAt <= now).ToList())
            {
                await ShowAsync(name, generation, live.GetValueOrDefault(name));
            }
        }
    }

    private async Task ShowAsync(string name, long generation, StoredObject? item)
    {
        var path = Path.Join(Folder, name);
        if (item is null)
        {
            _seen.Remove(name);
            if (_shown.Remove(name))
            {
                File.Delete(path);
            }

            return;
        }

        if (_shown.GetValueOrDefault(name) == generation)
        {
            return;
        }

        await using var content = await TryOpenAsync(name, generation);
        if (content is null)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = $"{Folder}.partial";
        await using (var file = File.Create(partial))
        {
            await content.Stream.CopyToAsync(file, _stop.Token);
        }

        File.Move(partial, path, overwrite: true);
        _shown[name] = generation;
    }

    private async Task<ObjectContent?> TryOpenAsync(string name, long generation)
    {
        try
        {
            return await _bucket.Store.OpenReadAsync(
                name, new ObjectReadOptions { Preconditions = new ObjectPreconditions { IfGenerationMatch = generation } }, _stop.Token);
        }
        catch (ObjectStoreException e) when (e.Error == ObjectStoreError.PreconditionFailed)
        {
            // Replaced since it was listed: the next listing has the newer one.
            return null;
        }
    }
}
