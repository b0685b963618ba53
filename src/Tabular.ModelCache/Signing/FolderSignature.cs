namespace Tabular.ModelCache.Signing;

/// <summary>Signs and verifies a folder of this machine, with no configuration: what <c>model-cache sign</c> and <c>verify --signature</c> do.</summary>
internal static class FolderSignature
{
    /// <summary>Signs the files of a folder and writes the bundle.</summary>
    /// <returns>The number of files.</returns>
    /// <exception cref="ModelCacheException">The folder cannot be signed or the bundle cannot be written.</exception>
    public static async Task<int> SignAsync(
        string folder, string bundle, IModelSigner signer, IReadOnlyList<string> ignore, CancellationToken cancellationToken)
    {
        var root = FullPath(folder);
        var ignored = new IgnoredPaths(
            IgnoredPaths.Always.Concat(ignore.Append(bundle).Select(p => IgnoredPaths.Below(root, p)).OfType<string>()));
        var files = await ModelFolder.ReadAsync(root, ignored, cancellationToken).ConfigureAwait(false);
        if (files.Count == 0)
        {
            throw new ModelCacheException($"The folder '{root}' has no file to sign; a model has at least one.");
        }

        var statement = ModelStatement.Create(Path.GetFileName(root), new Dictionary<string, string>(), files, ignored.All);
        var bytes = await ModelBundle.SignAsync(statement, signer, cancellationToken).ConfigureAwait(false);
        try
        {
            await File.WriteAllBytesAsync(bundle, bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException($"The bundle '{bundle}' cannot be written: {e.Message}", e);
        }

        return files.Count;
    }

    /// <summary>Verifies that a folder holds what was signed.</summary>
    /// <returns>What was signed.</returns>
    /// <exception cref="ModelCacheException">It does not; the message names the file.</exception>
    public static async Task<ModelStatement> VerifyAsync(
        string folder, string bundle, VerificationKey key, IReadOnlyList<string> ignore, bool ignoreUnsigned, CancellationToken cancellationToken)
    {
        var root = FullPath(folder);
        var statement = ModelBundle.Verify(await ReadAsync(bundle, cancellationToken).ConfigureAwait(false), new VerificationKeys([key]), bundle);
        var ignored = new IgnoredPaths(
            IgnoredPaths.Always.Concat(statement.IgnoredPaths).Concat(ignore.Append(bundle).Select(p => IgnoredPaths.Below(root, p)).OfType<string>()));
        var found = await ModelFolder.ReadAsync(root, ignored, cancellationToken).ConfigureAwait(false);
        return ModelFolder.FindDifference(statement, found, ignoreUnsigned) is { } difference
            ? throw new ModelCacheException($"The folder '{root}' is not what {bundle} signs: {difference}.")
            : statement;
    }

    private static string FullPath(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            await using var owner = stream.ConfigureAwait(false);
            if (stream.Length > ModelBundle.MostBytes)
            {
                throw new ModelCacheException($"The bundle '{path}' has {stream.Length} bytes; expected are at most {ModelBundle.MostBytes}.");
            }

            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException($"The bundle '{path}' cannot be read: {e.Message}", e);
        }
    }
}
