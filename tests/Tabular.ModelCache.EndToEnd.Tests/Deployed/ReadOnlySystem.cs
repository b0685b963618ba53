using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary>Runs a program where nothing can be written but <c>/tmp</c>, as a user without rights: as the image runs.</summary>
internal static class ReadOnlySystem
{
    private const string UserId = "1654";
    private const int CouldWrite = 99;

    // A mount namespace of its own: the rest of the machine sees nothing of it. The first argument is a folder that must not be writable.
    private static readonly string Script =
        "set -e; mount --make-rprivate /; mount -o remount,bind,ro /; mount -t tmpfs -o mode=1777 tmpfs /tmp; " +
        $"if touch \"$1/probe\" 2>/dev/null; then exit {CouldWrite}; fi; shift; exec \"$@\"";

    /// <summary>The program and arguments that start another; the test is skipped where that is not allowed.</summary>
    public static async Task<IReadOnlyList<string>> RequireAsync(string folder)
    {
        Assert.SkipUnless(Tool.Exists("unshare") && Tool.Exists("setpriv"), "unshare and setpriv (util-linux) are not installed.");
        string[] launcher = Environment.UserName == "root"
            ? ["unshare", "--mount", "sh", "-c", Script, "sh", folder, "setpriv", $"--reuid={UserId}", $"--regid={UserId}", "--clear-groups", "--no-new-privs"]
            : ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", Script, "sh", folder, "setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
        var probe = await Tool.RunAsync(launcher[0], [.. launcher[1..], "true"]);
        probe.ExitCode.Should().NotBe(CouldWrite, "the file system is read only");
        Assert.SkipUnless(probe.ExitCode == 0, $"No disk can be mounted without rights here: {probe.Error.Trim()}");
        return launcher;
    }
}
