using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Testing;

/// <summary>Stands for every source of the instance under test; nothing is contacted.</summary>
internal sealed class FakeSource(FakeUpstream upstream, FakeRecorder recorder) : IModelSource
{
    /// <summary>Gets where a pull waits, before anything is read.</summary>
    public FakeHold Hold { get; } = new();

    public async Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken = default)
    {
        await Hold.PassAsync(cancellationToken).ConfigureAwait(false);
        recorder.NoteResolved(request.Model);
        var resolution = upstream.Resolve(request);
        return new ModelResolution
        {
            Digest = resolution.Digest,
            Files = [.. resolution.Files.Select(f => new CountedFile(f, () => recorder.NotePulled(request.Model, f.Size)) { Path = f.Path, Size = f.Size, Sha256 = f.Sha256 })],
        };
    }

    private sealed class CountedFile(SourceFile file, Action opened) : SourceFile
    {
        public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default)
        {
            opened();
            return file.OpenReadAsync(cancellationToken);
        }
    }
}
