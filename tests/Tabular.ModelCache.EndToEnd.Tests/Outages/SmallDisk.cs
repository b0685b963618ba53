using System.Diagnostics;
using System.Globalization;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Outages;

/// <summary>
/// A disk of some megabytes: a tmpfs(5) in a mount namespace and a user namespace of its own, which a process without any rights may make
/// where the kernel allows user namespaces. The namespaces last as long as the process that made them.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly Process _owner;
    private readonly string _path;

    private SmallDisk(Process owner, string path)
    {
        _owner = owner;
        _path = path;
    }

    /// <summary>The disk as processes outside its namespace see it.</summary>
    public string View => $"/proc/{_owner.Id}/root{_path}";

    /// <summary>A program and arguments that run what follows them where the disk is.</summary>
    public IReadOnlyList<string> Entry =>
        ["nsenter", "--preserve-credentials", "--user", "--mount", "--target", _owner.Id.ToString(CultureInfo.InvariantCulture), "--wd=" + SampleProgram.Folder, "--"];

    /// <summary>Mounts a disk on a folder, or skips the test where that is not allowed.</summary>
    public static async Task<SmallDisk> MountAsync(string path, int megabytes)
    {
        Assert.SkipUnless(Tool.Exists("unshare") && Tool.Exists("nsenter"), "unshare and nsenter (util-linux) are not installed.");
        Directory.CreateDirectory(path);
        var start = new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=$2m tmpfs \"$1\" && echo mounted && exec cat", "sh", path, $"{megabytes}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var owner = Process.Start(start) ?? throw new InvalidOperationException("unshare did not start.");
        var disk = new SmallDisk(owner, path);
        if (await owner.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) != "mounted")
        {
            var error = await owner.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await disk.DisposeAsync();
            Assert.Skip($"No disk can be mounted without rights here: {error.Trim()}");
        }

        return disk;
    }

    public async Task ResizeAsync(int megabytes)
    {
        var result = await Tool.RunAsync(Entry[0], [.. Entry.Skip(1), "mount", "-o", $"remount,size={megabytes}m", _path]);
        result.ExitCode.Should().Be(0, result.Error);
    }

    public async ValueTask DisposeAsync()
    {
        _owner.StandardInput.Close();
        await _owner.WaitForExitAsync();
        _owner.Dispose();
    }
}
