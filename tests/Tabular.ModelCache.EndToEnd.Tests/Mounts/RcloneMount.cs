using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>A bucket of a server, mounted by rclone: a real FUSE file system with real lag and real faults.</summary>
internal sealed class RcloneMount : IAsyncDisposable
{
    public const string Type = "fuse.rclone";

    // The shell outlives the test process, whatever becomes of that: when its input ends, the mount goes.
    private const string Script =
        """
        mount=$1
        shift
        "$@" < /dev/null &
        child=$!
        echo "$child"
        cat > /dev/null
        kill -s KILL "$child" 2> /dev/null
        wait "$child" 2> /dev/null
        fusermount3 -uz "$mount" 2> /dev/null
        exit 0
        """;

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("rclone-mount-");
    private readonly StringBuilder _error = new();
    private readonly Process _shell = new();
    private int _daemon;

    private RcloneMount() => Path = _scratch.CreateSubdirectory("mount").FullName;

    /// <summary>The mount point.</summary>
    public string Path { get; }

    /// <summary>Skips the test where a mount cannot be made, with the reason.</summary>
    public static void SkipUnlessPossible()
    {
        foreach (var program in new[] { "rclone", "fusermount3", "sh" })
        {
            Assert.SkipUnless(Tool.Exists(program), $"{program} is not installed.");
        }

        try
        {
            using var device = File.Open("/dev/fuse", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip($"/dev/fuse cannot be opened: {e.Message}");
        }
    }

    /// <summary>Mounts a bucket and waits until it is there. The test is skipped where that cannot be.</summary>
    public static async Task<RcloneMount> StartAsync(Uri server, string bucket, RcloneOptions? options = null)
    {
        SkipUnlessPossible();
        var mount = new RcloneMount();
        try
        {
            await mount.MountAsync(server, bucket, options ?? new());
            return mount;
        }
        catch
        {
            await mount.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills rclone with SIGKILL; what was mounted stays, dead.</summary>
    public async Task KillAsync()
    {
        Signal.Send(_daemon, Signal.Kill);

        // A killed child that nobody has waited for is a zombie, whose files are closed.
        await Poll.ForAsync(() => Task.FromResult(IsGone(_daemon) ? this : null), () => $"the end of rclone {_daemon}");
    }

    /// <summary>Stops rclone with SIGSTOP: every access that needs it hangs from now on.</summary>
    public void Stop() => Signal.Send(_daemon, Signal.Stop);

    /// <summary>Makes rclone forget what it knows of folders (rclone mount, "Directory Cache").</summary>
    public void Refresh() => Signal.Send(_daemon, Signal.Hangup);

    public void Continue() => Signal.Send(_daemon, Signal.Continue);

    public async ValueTask DisposeAsync()
    {
        if (_daemon != 0)
        {
            _shell.StandardInput.Close();
            await _shell.WaitForExitAsync();
        }

        _shell.Dispose();
        MountLine.ReadAll().Should().NotContain(m => m.Point == Path, "no mount may be left behind");

        // Not recursively: were it still mounted, that would empty the bucket.
        Directory.Delete(Path);
        _scratch.Delete(recursive: true);
    }

    private static bool IsGone(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X';
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return true;
        }
    }

    private async Task MountAsync(Uri server, string bucket, RcloneOptions options)
    {
        var configuration = System.IO.Path.Join(_scratch.FullName, "rclone.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            [remote]
            type = google cloud storage
            anonymous = true
            endpoint = {server}storage/v1/
            project_number = 1
            no_check_bucket = true
            """,
            TestContext.Current.CancellationToken);
        _shell.StartInfo = new ProcessStartInfo(
            "sh",
            [
                "-c", Script, "sh", Path, "rclone", "--config", configuration, "mount", $"remote:{bucket}", Path, .. options.ToArguments(),
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _shell.ErrorDataReceived += (_, line) =>
        {
            lock (_error)
            {
                _error.AppendLine(line.Data);
            }
        };
        _shell.Start();
        _shell.BeginErrorReadLine();
        _daemon = int.Parse((await _shell.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture);
        await Poll.ForAsync(
            () => Task.FromResult(MountLine.ReadAll().FirstOrDefault(m => m.Point == Path && m.Type == Type)
                ?? (IsGone(_daemon) ? throw new InvalidOperationException($"rclone did not mount {bucket}: {Error()}") : null)),
            () => $"a mount at {Path}; rclone wrote {Error()}");
    }

    private string Error()
    {
        lock (_error)
        {
            return _error.ToString();
        }
    }
}
