using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Sources.Directories;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>
/// The <c>ollama://</c> source by way of the <c>ollama</c> program, for registries that only it can sign in to. Resolving pulls the whole
/// model into a scratch folder, from which it is published like any other and verified as such.
/// </summary>
internal sealed class OllamaProgramSource(
    IOptions<ModelCacheOptions> options,
    SettingPath path,
    OllamaProgramTimings timings,
    ModelCacheClock clock,
    ILogger<OllamaProgramSource> logger) : IModelSource
{
    private const int MostPorts = 3;

    public async Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken = default)
    {
        var reference = OllamaReference.Parse(request.Uri);
        var pin = OllamaPin.Find(request, reference);
        var program = options.Value.Sources.OllamaProgram!;
        var scratch = ScratchFolder.Create(logger);
        try
        {
            SourceLog.PullingWithProgram(logger, reference.ShortName, program, scratch.Path);
            await PullAsync(program, reference, scratch.Path, cancellationToken).ConfigureAwait(false);
            var manifest = await ReadManifestAsync(program, reference, scratch.Path, cancellationToken).ConfigureAwait(false);
            if (pin is not null && manifest.Digest != pin)
            {
                throw OllamaPin.Missing(reference, pin, manifest.Digest);
            }

            return new ModelResolution
            {
                Digest = manifest.Digest,
                Resources = scratch,
                Files = ManifestSourceFile.List(
                    reference,
                    manifest,
                    blob => new DirectoryFile(Path.Join(scratch.Path, blob.Path)) { Path = blob.Path, Size = blob.Size, Sha256 = blob.Sha256 }),
            };
        }
        catch
        {
            await scratch.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task PullAsync(string program, OllamaReference reference, string models, CancellationToken cancellationToken)
    {
        var server = await StartAsync(program, models, cancellationToken).ConfigureAwait(false);
        await using var owner = server.ConfigureAwait(false);
        await new OllamaPull(server, reference, timings, clock.Time).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A port that was free a moment before may be another's when the program wants to listen: then it gets another.</summary>
    private async Task<OllamaServer> StartAsync(string program, string models, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Find(clock.Random);
            try
            {
                return await OllamaServer.StartAsync(
                    program, path.Key("Sources:OllamaProgram"), models, port, timings, clock.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelCacheException e) when (attempt < MostPorts && !FreePort.IsFree(port))
            {
                // Ours has ended, or was ended.
                SourceLog.PortTaken(logger, port, program, e.Message);
            }
        }
    }

    private static async Task<OllamaManifest> ReadManifestAsync(
        string program, OllamaReference reference, string models, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileInfo(Path.Join(models, reference.ManifestPath));
            return file.Length <= OllamaManifest.MaxBytes
                ? OllamaManifest.Parse(await File.ReadAllBytesAsync(file.FullName, cancellationToken).ConfigureAwait(false), reference.ShortName)
                : throw new ModelCacheException(
                    $"The manifest of {reference.ShortName} has {file.Length} bytes where at most {OllamaManifest.MaxBytes} are allowed.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException(
                $"The program '{program}' told of success, but left no manifest '{reference.ManifestPath}' in its store ({e.Message.TrimEnd('.')}); " +
                "check that it is an ollama program of a version that keeps this layout.",
                e);
        }
    }
}
