using System.Security.Cryptography;
using System.Text.Json;
using Google.Apis.Services;
using Google.Apis.Storage.v1;
using Google.Apis.Upload;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Uploads;

/// <summary>
/// What an app does without this library, with Google's own: each file is downloaded into the working directory, hashed while it is written,
/// and uploaded in a resumable session, in as many files at a time as there are cores.
/// </summary>
internal static class DownloadThenUpload
{
    public const string Command = "download-then-upload";

    /// <param name="list">The path of the <see cref="ModelSet"/> as JSON.</param>
    /// <param name="storage">Where the bucket server serves.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string list, Uri storage, string bucket, CancellationToken cancellationToken)
    {
        var set = JsonSerializer.Deserialize<ModelSet>(await File.ReadAllTextAsync(list, cancellationToken))!;
        using var http = new HttpClient();
        // The bucket server reads no compressed requests; of an upload only the name would be one.
        using var service = new StorageService(new BaseClientService.Initializer
        {
            BaseUri = $"{storage}storage/v1/",
            ApplicationName = Command,
            GZipEnabled = false,
        });
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(set.Files, parallel, async (file, token) =>
        {
            var found = await DownloadAsync(http, file, token);
            if (found != file.Sha256)
            {
                throw new InvalidDataException($"{file.Address} should have the SHA-256 {file.Sha256}, but has {found}.");
            }

            await using var content = File.OpenRead(file.Name);
            var upload = service.Objects.Insert(new Google.Apis.Storage.v1.Data.Object { Name = file.Name }, bucket, content, "application/octet-stream");
            (await upload.UploadAsync(token)).ThrowOnFailure();
        });
        return 0;
    }

    private static async Task<string> DownloadAsync(HttpClient http, ModelSetFile file, CancellationToken cancellationToken)
    {
        using var sha256 = SHA256.Create();
        await using (var content = await http.GetStreamAsync(file.Address, cancellationToken))
        {
            await using var target = File.Create(file.Name);
            await using var hashing = new CryptoStream(target, sha256, CryptoStreamMode.Write);
            await content.CopyToAsync(hashing, cancellationToken);
        }

        return Convert.ToHexStringLower(sha256.Hash!);
    }
}
