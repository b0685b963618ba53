using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Sources.Directories;

/// <summary>
/// The <c>dir://</c> source: a folder on this machine in the layout that readers expect. Its digest is that of the checksum file that
/// its files would have, so resolving reads every byte once, and pulling once more.
/// </summary>
internal sealed class DirectorySource(PathBase paths, ILogger<DirectorySource> logger) : IModelSource
{
    private const int BlockSize = 1 << 20;

    public async Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken = default)
    {
        var root = paths.Resolve(ModelSourceUri.RestOf(request.Uri));
        List<(string Path, string FullPath, long Size)> found;
        try
        {
            found = DirectoryLayout.Find(root, request.Kind, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException(
                $"The source {request.Uri} of the model '{request.Model}' cannot be read: expected a folder at '{root}', found: {e.Message.TrimEnd('.')}.", e);
        }

        if (DirectoryLayout.FindDoubt(request.Kind, found.Select(f => f.Path)) is { } doubt)
        {
            SourceLog.LayoutDoubtful(logger, request.Model, request.Kind, doubt);
        }

        var files = new DirectoryFile[found.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, found.Count),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                var (path, fullPath, size) = found[i];
                files[i] = new DirectoryFile(fullPath) { Path = path, Size = size, Sha256 = await HashAsync(request, fullPath, token).ConfigureAwait(false) };
            }).ConfigureAwait(false);

        foreach (var file in files)
        {
            CheckBlobName(request, file);
        }

        var checksums = ChecksumFile.Format(files.Select(f => (f.Path, f.Sha256!)));
        return new ModelResolution { Digest = $"sha256:{Sha256Hex.Of(checksums)}", Files = files };
    }

    /// <summary>A blob is named for its digest, and Ollama never checks it again.</summary>
    private static void CheckBlobName(ModelSourceRequest request, DirectoryFile file)
    {
        const string BlobPrefix = "blobs/sha256-";
        if (request.Kind == ModelKinds.Ollama && file.Path.StartsWith(BlobPrefix, StringComparison.Ordinal) &&
            Sha256Hex.IsValid(file.Path[BlobPrefix.Length..]) && file.Path[BlobPrefix.Length..] != file.Sha256)
        {
            throw new ModelCacheException(
                $"The source {request.Uri} of the model '{request.Model}' is damaged: '{file.Path}' should have the sha256 that it is named for, " +
                $"found {file.Sha256}; pull the model again there.");
        }
    }

    private static async Task<string> HashAsync(ModelSourceRequest request, string fullPath, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await DirectoryStream.OpenAsync(fullPath, 0, long.MaxValue, cancellationToken).ConfigureAwait(false);
            await using var owner = stream.ConfigureAwait(false);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var block = GC.AllocateUninitializedArray<byte>(BlockSize);
            int read;
            while ((read = await stream.ReadAsync(block, cancellationToken).ConfigureAwait(false)) > 0)
            {
                hash.AppendData(block, 0, read);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException(
                $"The source {request.Uri} of the model '{request.Model}' cannot be read: '{fullPath}': {e.Message.TrimEnd('.')}.", e);
        }
    }
}
