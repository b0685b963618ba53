using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Tests.Mounts;

public sealed class MountInfoTests
{
    private const string CloudRun = """
        610 535 0:29 / / rw,relatime - overlay none rw,lowerdir=/l,upperdir=/u
        611 610 0:46 / /proc rw,nosuid shared:5 master:2 propagate_from:1 - proc proc rw
        612 610 0:47 /sub /models rw,nosuid,nodev,relatime - fuse.gcsfuse tabular-model-cache rw,user_id=0,group_id=0
        613 610 8:1 / /models-old rw - ext4 /dev/sda1 rw
        614 610 0:48 / /with\040space\011tab\134slash rw - tmpfs none rw
        """;

    [Fact]
    public void Parse_ALine_HasEveryField() => MountInfo.Parse(CloudRun)[2].Should().Be(
        new MountEntry("/models", "/sub", "fuse.gcsfuse", "tabular-model-cache", "rw,nosuid,nodev,relatime", "rw,user_id=0,group_id=0", "0:47"));

    [Fact]
    public void Parse_Escapes_AreDecoded() => MountInfo.Parse(CloudRun)[4].MountPoint.Should().Be("/with space\ttab\\slash");

    [Fact]
    public void Parse_EscapedUtf8_IsDecodedByBytes() =>
        MountInfo.Parse(@"1 0 0:1 / /m\303\244é\040x rw - tmpfs a\134b rw")[0].Should().Match<MountEntry>(entry => entry.MountPoint == "/mäé x" && entry.Source == @"a\b");

    [Theory]
    [InlineData("")]
    [InlineData("\n\n \n")]
    [InlineData("not a mount at all")]
    [InlineData("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 ext3 /dev/root rw")]
    [InlineData("36 35 98:0 / relative rw - ext3 /dev/root rw")]
    [InlineData("36 35 98:0 / /x rw -")]
    [InlineData("- - - - - - -")]
    public void Parse_MalformedLine_IsLeftOut(string line)
    {
        MountInfo.Parse(line).Should().BeEmpty();
        MountInfo.Parse(line + "\n" + CloudRun + "\n" + line).Should().HaveCount(5);
    }

    [Fact]
    public void Parse_EmptySource_IsKeptEmpty() => MountInfo.Parse("1 0 0:1 / /x rw - tmpfs  rw,size=1")[0].Should().Match<MountEntry>(
        entry => entry.Source.Length == 0 && entry.SuperOptions == "rw,size=1");

    [Theory]
    [InlineData("/models", "/models")]
    [InlineData("/models/a/b", "/models")]
    [InlineData("/models-old", "/models-old")]
    [InlineData("/models-other", "/")]
    [InlineData("/model", "/")]
    [InlineData("/", "/")]
    [InlineData("/with space\ttab\\slash/x", "/with space\ttab\\slash")]
    public void Find_Path_IsOnTheLongestMountPoint(string path, string expected) =>
        MountInfo.Find(MountInfo.Parse(CloudRun), path)!.MountPoint.Should().Be(expected);

    [Fact]
    public void Find_StackedMounts_IsTheLast()
    {
        var entries = MountInfo.Parse("1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / /m rw - fuse.gcsfuse b rw\n3 2 0:6 / /m rw - tmpfs c rw");

        MountInfo.Find(entries, "/m/x")!.FileSystemType.Should().Be("tmpfs");
        MountInfo.Find([], "/m").Should().BeNull();
    }

    [Fact]
    public void Load_OnLinux_FindsTheRoot()
    {
        var text = MountInfo.Load();
        Assert.SkipWhen(text is null, "This system has no /proc/self/mountinfo.");

        MountInfo.Find(MountInfo.Parse(text), "/")!.MountPoint.Should().Be("/");
    }

    [Fact]
    public void Resolve_Links_AreFollowedAsFarAsThePathExists()
    {
        var folder = RealPath.Resolve(Directory.CreateTempSubdirectory("links-").FullName);
        try
        {
            Directory.CreateDirectory(Path.Join(folder, "real", "inner"));
            Directory.CreateSymbolicLink(Path.Join(folder, "absolute"), Path.Join(folder, "real"));
            Directory.CreateSymbolicLink(Path.Join(folder, "real", "relative"), "../absolute/inner");
            File.CreateSymbolicLink(Path.Join(folder, "ring"), Path.Join(folder, "ring"));

            RealPath.Resolve(Path.Join(folder, "absolute", "relative", "missing", "x")).Should().Be(Path.Join(folder, "real", "inner", "missing", "x"));
            FluentActions.Invoking(() => RealPath.Resolve(Path.Join(folder, "ring"))).Should().Throw<IOException>();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
