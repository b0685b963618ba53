using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>The files of a set on the disk, and a bucket with the same files as rclone uploads them: what others compare with each other.</summary>
internal sealed class LocalCopy
{
    private readonly Lab _lab;

    private LocalCopy(Lab lab, string folder, string bucket) => (_lab, Folder, Bucket) = (lab, folder, bucket);

    public string Folder { get; }

    public string Bucket { get; }

    public static async Task<LocalCopy> CreateAsync(Lab lab, ModelSet set, CancellationToken cancellationToken)
    {
        var bucket = lab.NextName();
        var copy = new LocalCopy(lab, lab.CreateFolder(bucket), bucket);
        using var http = new HttpClient();
        await Parallel.ForEachAsync(set.Files, cancellationToken, async (file, token) =>
        {
            await using var content = await http.GetStreamAsync(file.Address, token);
            await using var target = File.Create(Path.Join(copy.Folder, file.Name));
            await content.CopyToAsync(target, token);
        });
        var upload = new Command("rclone", ["copy", copy.Folder, $"{RcloneConfiguration.Remote}:{bucket}"], copy.Folder)
        {
            Environment = await RcloneConfiguration.CreateAsync(lab, cancellationToken),
        };
        await ProcessRun.RunAsync(upload, cancellationToken);
        return copy;
    }

    /// <summary>Gives the disk and the memory back.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        Directory.Delete(Folder, recursive: true);
        await _lab.EmptyAsync(Bucket, cancellationToken);
    }
}
