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
            Files = [.. resolution.Files.Select(f => Count(request.Model, f))],
        };
    }

    private CountedFile Count(string model, SourceFile file) =>
        new(file, () => recorder.NotePulled(model, file.Size)) { Path = file.Path, Size = file.Size, Sha256 = file.Sha256 };

    private sealed class CountedFile(SourceFile file, Action opened) : SourceFile
    {
        public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default)
        {
            opened();
            return file.OpenReadAsync(cancellationToken);
        }
    }
}
