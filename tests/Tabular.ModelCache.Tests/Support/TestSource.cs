using System.Collections.Concurrent;
using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>A source whose content a test sets; it counts what is read.</summary>
internal sealed class TestSource : IModelSource
{
    private Dictionary<string, byte[]> _files = [];
    private int _reads;
    private int _resolves;

    public TestSource(params (string Path, string Content)[] files) => Set(files);

    public int Reads => Volatile.Read(ref _reads);

    public int Resolves => Volatile.Read(ref _resolves);

    /// <summary>Whether parts of a file can be read.</summary>
    public bool GivesRanges { get; set; }

    /// <summary>The parts that were read.</summary>
    public ConcurrentQueue<(string Path, long Offset, long Count)> Ranges { get; } = new();

    /// <summary>Whether the source promises a SHA-256 for each file, as Ollama does, or none, as for small files of the Hub.</summary>
    public bool PromisesDigests { get; set; } = true;

    /// <summary>What is sent instead of what is promised, by path.</summary>
    public Dictionary<string, byte[]> Sent { get; } = [];

    /// <summary>Is called when a file is opened.</summary>
    public Func<string, CancellationToken, Task>? Opening { get; set; }

    /// <summary>Makes another digest of the same files, as a commit does that changes none of them.</summary>
    public string DigestSuffix { get; set; } = "";

    /// <summary>Whether it cannot be resolved.</summary>
    public bool IsDown { get; set; }

    /// <summary>Earlier states that are still given to whoever asks for their digest.</summary>
    public Dictionary<string, TestSource> Pinned { get; } = [];

    public string Digest => "sha256:" + Sha256Hex.Of(Encoding.UTF8.GetBytes(
        string.Concat(_files.OrderBy(f => f.Key).Select(f => f.Key + Sha256Hex.Of(f.Value))) + DigestSuffix));

    /// <summary>The present state, as a source of its own.</summary>
    public TestSource Capture() => new() { _files = _files, PromisesDigests = PromisesDigests, DigestSuffix = DigestSuffix };

    public void Set(params (string Path, string Content)[] files) =>
        _files = files.ToDictionary(f => f.Path, f => Encoding.UTF8.GetBytes(f.Content));

    public void Set(params (string Path, byte[] Content)[] files) => _files = files.ToDictionary(f => f.Path, f => f.Content);

    public Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _resolves);
        if (IsDown)
        {
            throw new ModelCacheException("the source is down");
        }

        if (request.Digest is { } digest && Pinned.TryGetValue(digest, out var earlier))
        {
            return earlier.ResolveAsync(request, cancellationToken);
        }

        var files = _files.Select(f => new TestFile(this, f.Value)
        {
            Path = f.Key,
            Size = f.Value.Length,
            Sha256 = PromisesDigests ? Sha256Hex.Of(f.Value) : null,
        });
        return Task.FromResult(new ModelResolution { Digest = Digest, Files = [.. files] });
    }

    private sealed class TestFile(TestSource source, byte[] content) : SourceFile
    {
        public override bool SupportsRanges => source.GivesRanges;

        public override async Task<Stream> OpenRangeAsync(long offset, long count, CancellationToken cancellationToken = default)
        {
            source.Ranges.Enqueue((Path, offset, count));
            if (source.Opening is { } opening)
            {
                await opening(Path, cancellationToken);
            }

            if (!source.GivesRanges)
            {
                throw new NotSupportedException();
            }

            var bytes = source.Sent.GetValueOrDefault(Path) ?? content;
            var from = (int)Math.Min(offset, bytes.Length);
            return new MemoryStream(bytes, from, (int)Math.Min(count, bytes.Length - from), writable: false);
        }

        public override async Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref source._reads);
            if (source.Opening is { } opening)
            {
                await opening(Path, cancellationToken);
            }

            return new MemoryStream(source.Sent.GetValueOrDefault(Path) ?? content, writable: false);
        }
    }
}
